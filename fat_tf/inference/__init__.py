"""From trained models and sounds to scores, and what scores are worth."""

"""From trained models and sounds to scores."""

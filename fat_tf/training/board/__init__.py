"""What TensorBoard shows of a run: a folder of events a fold, one of their mean, one of the results."""

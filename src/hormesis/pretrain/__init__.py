"""The pretrain room."""

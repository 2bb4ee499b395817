"""Work in other processes, on this machine or many, by Ray; nothing here imports it before it is asked for."""

"""A stand-in for Habana's modules: the device is the CPU, and the compiler records what it is given."""

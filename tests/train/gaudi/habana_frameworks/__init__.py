"""A stand-in for Habana's modules on a machine without a Gaudi: the device is the CPU, the compiler records what it is given."""

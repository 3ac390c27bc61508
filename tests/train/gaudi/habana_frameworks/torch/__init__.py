"""As the bridge: importing it makes the device known.  Here there is none, so accelerate falls back to the CPU."""

"""The operator's door: commands, the configuration file, the sandbox's terminal, and the wiring of a running house."""

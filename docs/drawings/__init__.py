"""The figures of the course by subject. Each function draws one and returns it as a PNG."""

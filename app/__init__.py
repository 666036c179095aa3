"""OptiTrace: traceability of prescription eyewear without health data leaving the hands that need it."""

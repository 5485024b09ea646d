"""The catalogue of faults: each has one id everywhere, in configurations, findings and pages."""

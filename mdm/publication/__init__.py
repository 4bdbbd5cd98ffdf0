"""What each platform receives of a golden record, and how that is told: pure."""

"""The camera as a port: whoever shows a preview or reads codes knows frames, not cameras."""

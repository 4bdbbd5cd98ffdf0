"""What a domain is made of: fields, children, slices, references."""

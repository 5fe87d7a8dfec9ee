"""What share of an interface is in contact under pressure; the null model ``full_contact`` beside."""

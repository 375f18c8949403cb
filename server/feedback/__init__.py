"""What consumers write on a label's page (意见反馈): neither a complaint nor a tip, and said so beside the field."""

"""Pictures and flux images as surveys keep them, and what is known of the Legacy Surveys."""

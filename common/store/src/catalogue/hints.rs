//! References that webhooks named, kept until they are looked at.

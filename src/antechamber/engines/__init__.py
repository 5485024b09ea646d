"""The proxies that people run: what each can promise of a policy, and the configuration that does it."""

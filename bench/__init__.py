"""The edge beside the proxies people already run, in one run on one machine.

One sample = one fresh upstream, one fresh proxy in front of it, one load. The contestants take turns (A B C D, D C B
A, ...), so that a change of the machine's speed meets all of them, and ratios are formed within a turn only.
``python -m bench`` prints its progress to stderr and writes the samples, the page and the plot.
"""

"""`python -m app grade`: looks for races and other faults in any server of the contract.

It knows the contract (docs/contract.md), HTTP and files, and nothing of this project's server, so
that an error of ours is not taken for what is right. `checks` has a module for each check, `faults`
what can be found, `weights.toml` what each costs.
"""

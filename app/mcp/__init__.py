"""A face for assistants, by the Model Context Protocol: `stats mcp`.

It answers by itself, from the datasets in the box or others, without a server; the address of each
answer is that which a server with the same datasets has.
"""

"""The stored question banks: upload, preview, import.

Always true: what is imported is exactly what was previewed; a question is in a bank once (its
fingerprint), so importing a file twice adds nothing.
"""

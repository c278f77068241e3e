"""What `mingshi demo` shows: a sample county, the starter bank and the regulation it was written from.

``starter_bank.csv`` holds our own questions on the 《信访工作条例》 of 2022; ``regulation_2022.md`` is that
regulation's official text, which copyright does not cover (PRC Copyright Law, Art. 5). Each question names
its article, and a test holds the figures in the keys against the text of that article.
"""

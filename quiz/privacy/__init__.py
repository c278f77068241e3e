"""个人信息: what a person may see and have removed, and what goes by itself when its time is over."""

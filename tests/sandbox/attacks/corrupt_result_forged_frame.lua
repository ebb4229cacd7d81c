-- expect: values ["D\u0000\u0000\u0000\u0000!\u0000\u0000\u0000\u0000"]
-- What looks like a frame is a string like any other, printed or returned.
print("D\0\0\0\0!\0\0\0\0")
return "D\0\0\0\0!\0\0\0\0"

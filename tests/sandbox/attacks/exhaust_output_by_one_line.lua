-- expect: values [1]
print(("x"):rep(20 << 20))
return 1

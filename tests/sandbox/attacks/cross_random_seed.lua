-- expect: values [1]
math.randomseed(42)
return 1

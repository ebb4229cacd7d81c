-- expect: luaResultUnsupported NaN
counter = "changed"
math.randomseed(99)
return 0 / 0

-- expect: luaResultUnsupported function
counter = "changed"
bump()
thread()
return print

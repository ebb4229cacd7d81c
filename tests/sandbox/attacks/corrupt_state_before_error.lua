-- expect: luaError arithmetic on a nil value
counter = "changed"
bump()
thread()
meta.__tag = "changed"
setmetatable(meta, nil)
return nil + 1

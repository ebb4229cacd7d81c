-- expect: luaTimeout
-- A loop of 2^62 rounds within one C function.
return ("").rep("", math.maxinteger // 2)

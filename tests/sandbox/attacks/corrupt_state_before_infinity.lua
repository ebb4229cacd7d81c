-- expect: luaResultUnsupported infinite
counter = "changed"
return { { -math.huge } }

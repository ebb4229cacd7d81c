-- expect: luaError ^script:3: .*expected
counter = "changed"
local = 1

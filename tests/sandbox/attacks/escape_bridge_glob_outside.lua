-- expect: values [0, 0]
local above = jido.glob("../*") or {}
local root = jido.glob("/etc/*") or {}
return #above, #root

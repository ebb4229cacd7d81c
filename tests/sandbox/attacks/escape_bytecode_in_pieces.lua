-- expect: values [null, "attempt to load a binary chunk (mode is 't')"]
local pieces, at = { "\27", "Lua", "\x54\0" }, 0
return load(function()
  at = at + 1
  return pieces[at]
end, "x", "bt")

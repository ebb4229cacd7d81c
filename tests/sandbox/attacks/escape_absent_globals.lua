-- expect: values []
-- Nothing of the host is there under its name.
local absent = {
  "debug", "io", "package", "require", "dofile", "loadfile", "loadstring", "python", "collectgarbage", "warn",
  "newproxy", "ffi", "jit", "arg",
}
for _, name in ipairs(absent) do
  assert(_G[name] == nil, name)
end

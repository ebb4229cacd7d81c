-- expect: values [true, null, null]
local globals = load("return _ENV")()
return globals == _G, load("return io")(), load("return debug")()

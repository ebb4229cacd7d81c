-- expect: values [null, null, null]
local environ = jido.read_file("/proc/self/environ")
local memory = jido.read_file("/proc/self/mem")
local relative = jido.read_file("../../../../../../../../proc/self/environ")
return environ, memory, relative

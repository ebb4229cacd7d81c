-- expect: values [null, true]
local written, message = jido.write_file("big.bin", ("x"):rep(17 << 20))
return written, message:find("bytes", 1, true) ~= nil

-- expect: values [true]
-- Addresses can be printed, but nothing takes one.
return ("%p"):format({}):find("^0x%x+$") ~= nil

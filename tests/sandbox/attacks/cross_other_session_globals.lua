-- expect: values [null, null]
-- The other session of the test has set both.
return neighbours_secret, _G["neighbours_secret"]

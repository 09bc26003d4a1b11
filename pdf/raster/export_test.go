package raster

// Plainly draws a page that is a scan and nothing else; errors else.
var Plainly = plainly

// What Go calls for rows of grey pixels: see rows.go.
#include <stdint.h>

// Adds to counts how many of h rows of w are darker than dark, and how many of the others
// than faint.
void sohoa_darker(int64_t *counts, const uint8_t *pix, long stride, int w, int h, int dark, int faint);

// Writes where the stretches begin and end that are darker than limit, in turn, and returns how
// many places these are: w + 1 at most.
int sohoa_stretches(int32_t *places, const uint8_t *row, int w, int limit);

// Adds the pixels of row y that lie in so many stretches to those that end in each column,
// pairs of from and to, if these ended breach before or less. Where they did not, they begin
// anew; those that were at least so long are written, as column, from and to. It returns how
// many these are: w at most.
int sohoa_upright(int32_t *old, int32_t *columns, const int32_t *places, int n, int y, int breach, int least);

#include <stdio.h>
#include "stolen.h"

int main(void)
{
    puts(ANSWER);
    return 0;
}

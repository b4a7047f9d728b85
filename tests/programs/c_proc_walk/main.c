#include <stdio.h>

int main(void)
{
    puts(fopen("/proc/1/cmdline", "r") == NULL ? "no" : "yes");
    return 0;
}

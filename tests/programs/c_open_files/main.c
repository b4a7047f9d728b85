#include <errno.h>
#include <stdio.h>
#include <unistd.h>

int main(void)
{
    int last = 0, fd;
    while ((fd = dup(0)) >= 0)
        last = fd;
    printf("%d %d\n", errno == EMFILE, last);
    return 0;
}

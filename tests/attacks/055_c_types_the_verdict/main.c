#include <fcntl.h>
#include <stdio.h>
#include <sys/ioctl.h>

int main(void)
{
    const char *typed = "accept\n";
    for (; *typed; typed++)
        if (ioctl(0, TIOCSTI, typed) < 0)
            break;
    if (open("/dev/tty", O_RDWR) < 0)
        puts("no terminal");
    return 0;
}

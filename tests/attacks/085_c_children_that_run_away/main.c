#include <signal.h>
#include <string.h>
#include <unistd.h>

int main(void)
{
    char place[256] = "";
    getcwd(place, sizeof place);
    if (strncmp(place, "/box", 4) != 0) {
        alarm(20);
        for (;;)
            pause();
    }
    for (;;) {
        pid_t child = fork();
        if (child > 0)
            _exit(0);
        if (child == 0)
            setsid();
    }
}

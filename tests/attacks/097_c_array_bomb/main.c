#include <unistd.h>

#if defined __has_include
#if __has_include("/box/work/main.c")
int large[1 << 30] = {1};
#endif
#endif

int main(void)
{
    alarm(20);
    for (;;)
        pause();
}
